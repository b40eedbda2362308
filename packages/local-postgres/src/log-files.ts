import { copyFile, open, stat, truncate } from 'node:fs/promises'

const longestTailBytes = 64 * 1024

/** The last lines of a log file, at most so many; none when there is no file. */
export async function lastLines(file: string, count: number): Promise<string[]> {
  let handle
  try {
    handle = await open(file, 'r')
  } catch {
    return []
  }
  try {
    const { size } = await handle.stat()
    const length = Math.min(size, longestTailBytes)
    const { buffer, bytesRead } = await handle.read({
      buffer: Buffer.alloc(length),
      position: size - length,
    })
    const lines = buffer.subarray(0, bytesRead).toString('utf8').split('\n')
    return lines.filter((line) => line.trim() !== '').slice(-count)
  } finally {
    await handle.close()
  }
}

/**
 * Keeps a log file that a child writes to from growing for ever: beyond the limit its content
 * moves to `<file>.1`, which replaces the one before. The child appends, so it goes on at the new
 * end; lines written between the copy and the cut are lost, which a development log bears.
 */
export async function rotateLog(file: string, limitBytes: number): Promise<void> {
  try {
    if ((await stat(file)).size <= limitBytes) return
    await copyFile(file, `${file}.1`)
    await truncate(file, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
