/** Memory that is written to: both are of the same bytes. */
export type GrowingMemory = {
  readonly bytes: Buffer
  /** Writes numbers in a third of the time that a buffer's own methods take. */
  readonly view: DataView
}

/** @param size bytes to begin with */
export const memoryOf = (size: number): GrowingMemory => {
  const bytes = Buffer.allocUnsafe(size)
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, size) }
}

/** The memory, or a larger one with the same content, which has room for `length` bytes more. */
export const roomFor = (
  memory: GrowingMemory,
  { used, length }: { used: number; length: number },
): GrowingMemory => {
  const { bytes } = memory
  if (used + length <= bytes.length) return memory
  const larger = memoryOf((bytes.length + length) * 2)
  bytes.copy(larger.bytes, 0, 0, used)
  return larger
}
