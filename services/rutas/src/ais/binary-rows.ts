const signature = Buffer.from('PGCOPY\n\u00ff\r\n\0', 'latin1')

/** 2000-01-01, from which PostgreSQL counts, in milliseconds since 1970. */
const postgresEpoch = 946_684_800_000

const half = 4_294_967_296

/** Longest fixed value with its length, in bytes. */
const fixedRoom = 12

/**
 * Rows in the binary format of PostgreSQL's `COPY` ("Binary Format" in the manual's page of COPY),
 * one call a column in the order of the table. The bytes are those of the column's type: a row that
 * does not fit its table is refused as a whole by the server.
 *
 * Written here, since the libraries that encode rows make an array and a buffer of each value.
 */
export class CopyRows {
  #bytes: Buffer
  #end = 0

  /** @param room bytes to begin with; it grows when they are used up */
  constructor(room = 262_144) {
    this.#bytes = Buffer.allocUnsafe(room + 2 * fixedRoom)
    signature.copy(this.#bytes)
    // No flags, no extension of the header.
    this.#end = signature.length + 8
    this.#bytes.fill(0, signature.length, this.#end)
  }

  /** Begins a row. */
  row(columns: number): void {
    this.#reserve(fixedRoom)
    this.#end = this.#bytes.writeInt16BE(columns, this.#end)
  }

  smallint(value: number | null): void {
    if (this.#begin(value, 2)) this.#end = this.#bytes.writeInt16BE(value, this.#end)
  }

  int(value: number | null): void {
    if (this.#begin(value, 4)) this.#end = this.#bytes.writeInt32BE(value, this.#end)
  }

  /** Whole numbers that are safe in a double. */
  bigint(value: number | null): void {
    if (this.#begin(value, 8)) this.#end = writeInt64(this.#bytes, value, this.#end)
  }

  real(value: number | null): void {
    if (this.#begin(value, 4)) this.#end = this.#bytes.writeFloatBE(value, this.#end)
  }

  double(value: number | null): void {
    if (this.#begin(value, 8)) this.#end = this.#bytes.writeDoubleBE(value, this.#end)
  }

  bool(value: boolean | null): void {
    if (this.#begin(value, 1)) this.#end = this.#bytes.writeUInt8(value ? 1 : 0, this.#end)
  }

  /** `timestamptz`, of milliseconds since 1970. */
  time(value: number | null): void {
    if (!this.#begin(value, 8)) return
    this.#end = writeInt64(this.#bytes, microseconds(value), this.#end)
  }

  text(value: string | null): void {
    if (!this.#begin(value, value === null ? 0 : Buffer.byteLength(value))) return
    this.#end += this.#bytes.write(value, this.#end)
  }

  /** Text of which it is known that it is ASCII, which is written faster. */
  ascii(value: string | null): void {
    if (!this.#begin(value, value === null ? 0 : value.length)) return
    this.#end += this.#bytes.write(value, this.#end, 'latin1')
  }

  /** Ends the rows. @returns all of them, as they are sent */
  end(): Uint8Array {
    this.#reserve(fixedRoom)
    this.#end = this.#bytes.writeInt16BE(-1, this.#end)
    return this.#bytes.subarray(0, this.#end)
  }

  /** Writes a value's length, -1 for null. @returns whether the value is to follow */
  #begin<T>(value: T | null, length: number): value is T {
    this.#reserve(length + fixedRoom)
    this.#end = this.#bytes.writeInt32BE(value === null ? -1 : length, this.#end)
    return value !== null
  }

  #reserve(length: number): void {
    if (this.#end + length <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe((this.#bytes.length + length) * 2)
    this.#bytes.copy(larger, 0, 0, this.#end)
    this.#bytes = larger
  }
}

const microseconds = (time: number): number => Math.round((time - postgresEpoch) * 1_000)

// By halves: a BigInt for each value costs more than all the rest of its row.
const writeInt64 = (bytes: Buffer, value: number, at: number): number => {
  const high = Math.floor(value / half)
  bytes.writeInt32BE(high, at)
  return bytes.writeUInt32BE(value - high * half, at + 4)
}

type Values<T> = readonly (T | null)[]

/**
 * One-dimensional arrays in PostgreSQL's binary format, to be sent as parameters: node-postgres sends
 * a buffer as it is. As text, numbers and times cost both sides more than all else that is done with
 * them.
 */
export const binaryArray = {
  /** `bool[]` */
  bool: (values: Values<boolean>): Buffer =>
    arrayOf(values, { type: 16, size: 1 }, (bytes, value, at) =>
      bytes.writeUInt8(value ? 1 : 0, at),
    ),
  /** `smallint[]` */
  smallint: (values: Values<number>): Buffer =>
    arrayOf(values, { type: 21, size: 2 }, (bytes, value, at) => bytes.writeInt16BE(value, at)),
  /** `int[]` */
  int: (values: Values<number>): Buffer =>
    arrayOf(values, { type: 23, size: 4 }, (bytes, value, at) => bytes.writeInt32BE(value, at)),
  /** `bigint[]`, of whole numbers that are safe in a double. */
  bigint: (values: Values<number>): Buffer => arrayOf(values, { type: 20, size: 8 }, writeInt64),
  /** `real[]` */
  real: (values: Values<number>): Buffer =>
    arrayOf(values, { type: 700, size: 4 }, (bytes, value, at) => bytes.writeFloatBE(value, at)),
  /** `float8[]` */
  double: (values: Values<number>): Buffer =>
    arrayOf(values, { type: 701, size: 8 }, (bytes, value, at) => bytes.writeDoubleBE(value, at)),
  /** `timestamptz[]`, of milliseconds since 1970. */
  time: (values: Values<number>): Buffer =>
    arrayOf(values, { type: 1_184, size: 8 }, (bytes, value, at) =>
      writeInt64(bytes, microseconds(value), at),
    ),
  /** `text[]` */
  text: (values: Values<string>): Buffer => {
    const size = values.reduce(
      (sum, value) => sum + (value === null ? 0 : Buffer.byteLength(value)),
      0,
    )
    const bytes = Buffer.allocUnsafe(headSize + values.length * 4 + size)
    let at = writeHead(bytes, 25, values.length)
    for (const value of values) {
      if (value === null) {
        at = bytes.writeInt32BE(-1, at)
        continue
      }
      const length = bytes.write(value, at + 4)
      at = bytes.writeInt32BE(length, at) + length
    }
    return bytes
  },
}

const headSize = 20

/** Dimensions, whether any value is null (which the server finds out itself), type, length, bound. */
const writeHead = (bytes: Buffer, type: number, length: number): number => {
  bytes.writeInt32BE(1, 0)
  bytes.writeInt32BE(0, 4)
  bytes.writeInt32BE(type, 8)
  bytes.writeInt32BE(length, 12)
  return bytes.writeInt32BE(1, 16)
}

const arrayOf = <T>(
  values: Values<T>,
  { type, size }: { type: number; size: number },
  write: (bytes: Buffer, value: T, at: number) => number,
): Buffer => {
  const bytes = Buffer.allocUnsafe(headSize + values.length * (4 + size))
  let at = writeHead(bytes, type, values.length)
  for (const value of values) {
    at = bytes.writeInt32BE(value === null ? -1 : size, at)
    if (value !== null) at = write(bytes, value, at)
  }
  return bytes.subarray(0, at)
}
