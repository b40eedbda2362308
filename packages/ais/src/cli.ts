import { decodeStream } from './decode-command.ts'

const usage = `Usage: ais decode < sentences.nmea > messages.ndjson

Reads NMEA 0183 lines on standard input and prints one JSON object per AIS message
(types 1, 2, 3, 4, 5, 11, 18, 19, 21, 24 and 27) on standard output. Rejected lines go to
standard error as "line 12: bad-checksum: …", with a summary at the end; sentences that are not
AIS and blank lines are only counted there.

Units are degrees, knots and metres; null is not available. "time" and "source" come from the
TAG block, "eta" is the declared arrival nearest after "time".

Exit codes: 0 the input was read to its end, whatever was rejected; 1 it could not be read or the
output not written; 2 wrong usage. A reader that closes the output early ends the program with 0.
`

const [command, ...rest] = process.argv.slice(2)

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 1)
  })
}

if (process.argv.includes('--help') || process.argv.includes('-h')) {
  process.stdout.write(usage)
} else if (command !== 'decode' || rest.length > 0) {
  const wrong = command === 'decode' ? `unexpected argument ${rest.join(' ')}` : 'no such command'
  process.stderr.write(`ais: ${command === undefined ? 'no command given' : wrong}\n\n${usage}`)
  process.exitCode = 2
} else {
  try {
    await decodeStream({
      input: process.stdin,
      output: process.stdout,
      errors: process.stderr,
      now: Date.now,
    })
  } catch (error) {
    process.stderr.write(`ais: cannot read the input: ${(error as Error).message}\n`)
    process.exitCode = 1
  }
}
