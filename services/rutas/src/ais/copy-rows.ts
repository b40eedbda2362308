const signature = Buffer.from('PGCOPY\n\u00ff\r\n\0', 'latin1')

/** 2000-01-01, from which PostgreSQL counts, in milliseconds since 1970. */
const postgresEpoch = 946_684_800_000

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
    this.#bytes = Buffer.allocUnsafe(room)
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

  bigint(value: bigint | null): void {
    if (this.#begin(value, 8)) this.#end = this.#bytes.writeBigInt64BE(value, this.#end)
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
    // By halves: a bigint for each row costs more than all the rest of it.
    const microseconds = Math.round((value - postgresEpoch) * 1_000)
    const high = Math.floor(microseconds / 4_294_967_296)
    this.#end = this.#bytes.writeInt32BE(high, this.#end)
    this.#end = this.#bytes.writeUInt32BE(microseconds - high * 4_294_967_296, this.#end)
  }

  text(value: string | null): void {
    if (!this.#begin(value, value === null ? 0 : Buffer.byteLength(value))) return
    this.#end += this.#bytes.write(value, this.#end)
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
