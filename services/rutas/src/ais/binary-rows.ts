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
  // Of the same bytes: numbers are written by it in a third of the time that a Buffer's methods take.
  #view: DataView
  #end = 0

  /** @param room bytes to begin with; it grows when they are used up */
  constructor(room = 262_144) {
    this.#bytes = Buffer.allocUnsafe(room + 2 * fixedRoom)
    this.#view = viewOf(this.#bytes)
    signature.copy(this.#bytes)
    // No flags, no extension of the header.
    this.#end = signature.length + 8
    this.#bytes.fill(0, signature.length, this.#end)
  }

  /** Begins a row. */
  row(columns: number): void {
    this.#reserve(fixedRoom)
    this.#view.setInt16(this.#end, columns)
    this.#end += 2
  }

  smallint(value: number | null): void {
    if (value === null) return this.#null()
    const at = this.#begin(2)
    this.#view.setInt16(at, value)
  }

  int(value: number | null): void {
    if (value === null) return this.#null()
    const at = this.#begin(4)
    this.#view.setInt32(at, value)
  }

  /** Whole numbers that are safe in a double. */
  bigint(value: number | null): void {
    if (value === null) return this.#null()
    const at = this.#begin(8)
    setInt64(this.#view, at, value)
  }

  real(value: number | null): void {
    if (value === null) return this.#null()
    const at = this.#begin(4)
    this.#view.setFloat32(at, value)
  }

  double(value: number | null): void {
    if (value === null) return this.#null()
    const at = this.#begin(8)
    this.#view.setFloat64(at, value)
  }

  bool(value: boolean | null): void {
    if (value === null) return this.#null()
    const at = this.#begin(1)
    this.#view.setUint8(at, value ? 1 : 0)
  }

  /** `timestamptz`, of milliseconds since 1970. */
  time(value: number | null): void {
    if (value === null) return this.#null()
    const at = this.#begin(8)
    setInt64(this.#view, at, microseconds(value))
  }

  text(value: string | null): void {
    if (value === null) return this.#null()
    const at = this.#begin(Buffer.byteLength(value))
    this.#bytes.write(value, at)
  }

  /** Text of which it is known that it is ASCII, which is written faster. */
  ascii(value: string | null): void {
    if (value === null) return this.#null()
    const { length } = value
    const at = this.#begin(length)
    const bytes = this.#bytes
    for (let n = 0; n < length; n++) bytes[at + n] = value.charCodeAt(n)
  }

  /** Ends the rows. @returns all of them, as they are sent */
  end(): Uint8Array {
    this.#reserve(fixedRoom)
    this.#view.setInt16(this.#end, -1)
    this.#end += 2
    return this.#bytes.subarray(0, this.#end)
  }

  #null(): void {
    this.#reserve(fixedRoom)
    this.#view.setInt32(this.#end, -1)
    this.#end += 4
  }

  /** Writes a value's length. @returns where the value is to be */
  #begin(length: number): number {
    this.#reserve(length + fixedRoom)
    this.#view.setInt32(this.#end, length)
    const at = this.#end + 4
    this.#end = at + length
    return at
  }

  #reserve(length: number): void {
    if (this.#end + length <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe((this.#bytes.length + length) * 2)
    this.#bytes.copy(larger, 0, 0, this.#end)
    this.#bytes = larger
    this.#view = viewOf(larger)
  }
}

const viewOf = ({ buffer, byteOffset, byteLength }: Buffer): DataView =>
  new DataView(buffer, byteOffset, byteLength)

const microseconds = (time: number): number => Math.round((time - postgresEpoch) * 1_000)

// By halves: a BigInt for each value costs more than all the rest of its row.
const setInt64 = (view: DataView, at: number, value: number): void => {
  const high = Math.floor(value / half)
  view.setInt32(at, high)
  view.setUint32(at + 4, value - high * half)
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
    arrayOf(values, { type: 16, size: 1 }, (view, at, value) => view.setUint8(at, value ? 1 : 0)),
  /** `smallint[]` */
  smallint: (values: Values<number>): Buffer =>
    arrayOf(values, { type: 21, size: 2 }, (view, at, value) => view.setInt16(at, value)),
  /** `int[]` */
  int: (values: Values<number>): Buffer =>
    arrayOf(values, { type: 23, size: 4 }, (view, at, value) => view.setInt32(at, value)),
  /** `bigint[]`, of whole numbers that are safe in a double. */
  bigint: (values: Values<number>): Buffer => arrayOf(values, { type: 20, size: 8 }, setInt64),
  /** `real[]` */
  real: (values: Values<number>): Buffer =>
    arrayOf(values, { type: 700, size: 4 }, (view, at, value) => view.setFloat32(at, value)),
  /** `float8[]` */
  double: (values: Values<number>): Buffer =>
    arrayOf(values, { type: 701, size: 8 }, (view, at, value) => view.setFloat64(at, value)),
  /** `timestamptz[]`, of milliseconds since 1970. */
  time: (values: Values<number>): Buffer =>
    arrayOf(values, { type: 1_184, size: 8 }, (view, at, value) =>
      setInt64(view, at, microseconds(value)),
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
  set: (view: DataView, at: number, value: T) => void,
): Buffer => {
  const bytes = Buffer.allocUnsafe(headSize + values.length * (4 + size))
  const view = viewOf(bytes)
  let at = writeHead(bytes, type, values.length)
  for (const value of values) {
    view.setInt32(at, value === null ? -1 : size)
    at += 4
    if (value === null) continue
    set(view, at, value)
    at += size
  }
  return bytes.subarray(0, at)
}
