import { type GrowingMemory, memoryOf, roomFor } from '../growing-memory.ts'

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
  #memory: GrowingMemory
  #end: number
  #empty = true

  /** @param room bytes to begin with; it grows when they are used up */
  constructor(room = 262_144) {
    this.#memory = memoryOf(room + 2 * fixedRoom)
    const { bytes } = this.#memory
    signature.copy(bytes)
    // No flags, no extension of the header.
    this.#end = signature.length + 8
    bytes.fill(0, signature.length, this.#end)
  }

  /** Begins a row. */
  row(columns: number): void {
    this.#reserve(fixedRoom)
    this.#memory.view.setInt16(this.#end, columns)
    this.#end += 2
    this.#empty = false
  }

  smallint(value: number | null): void {
    if (value === null) return this.#null()
    const at = this.#begin(2)
    this.#memory.view.setInt16(at, value)
  }

  int(value: number | null): void {
    if (value === null) return this.#null()
    const at = this.#begin(4)
    this.#memory.view.setInt32(at, value)
  }

  /** Whole numbers that are safe in a double. */
  bigint(value: number | null): void {
    if (value === null) return this.#null()
    const at = this.#begin(8)
    setInt64(this.#memory.view, at, value)
  }

  real(value: number | null): void {
    if (value === null) return this.#null()
    const at = this.#begin(4)
    this.#memory.view.setFloat32(at, value)
  }

  double(value: number | null): void {
    if (value === null) return this.#null()
    const at = this.#begin(8)
    this.#memory.view.setFloat64(at, value)
  }

  bool(value: boolean | null): void {
    if (value === null) return this.#null()
    const at = this.#begin(1)
    this.#memory.view.setUint8(at, value ? 1 : 0)
  }

  /** `timestamptz`, of milliseconds since 1970. */
  time(value: number | null): void {
    if (value === null) return this.#null()
    const at = this.#begin(8)
    setInt64(this.#memory.view, at, microseconds(value))
  }

  text(value: string | null): void {
    if (value === null) return this.#null()
    const at = this.#begin(Buffer.byteLength(value))
    this.#memory.bytes.write(value, at)
  }

  /** Text of which it is known that it is ASCII, which is written faster. */
  ascii(value: string | null): void {
    if (value === null) return this.#null()
    const { length } = value
    const at = this.#begin(length)
    const { bytes } = this.#memory
    for (let n = 0; n < length; n++) bytes[at + n] = value.charCodeAt(n)
  }

  /** Whether no row has been begun. */
  get empty(): boolean {
    return this.#empty
  }

  /** Ends the rows. @returns all of them, as they are sent */
  end(): Uint8Array {
    this.#reserve(fixedRoom)
    this.#memory.view.setInt16(this.#end, -1)
    this.#end += 2
    return this.#memory.bytes.subarray(0, this.#end)
  }

  #null(): void {
    this.#reserve(fixedRoom)
    this.#memory.view.setInt32(this.#end, -1)
    this.#end += 4
  }

  /** Writes a value's length. @returns where the value is to be */
  #begin(length: number): number {
    this.#reserve(length + fixedRoom)
    this.#memory.view.setInt32(this.#end, length)
    const at = this.#end + 4
    this.#end = at + length
    return at
  }

  #reserve(length: number): void {
    this.#memory = roomFor(this.#memory, { used: this.#end, length })
  }
}

const microseconds = (time: number): number => Math.round((time - postgresEpoch) * 1_000)

// By halves: a BigInt for each value costs more than all the rest of its row.
const setInt64 = (view: DataView, at: number, value: number): void => {
  const high = Math.floor(value / half)
  view.setInt32(at, high)
  view.setUint32(at + 4, value - high * half)
}

const headSize = 20

/** A type of elements: its object id and name in PostgreSQL, and how a value of it is written. */
export type ElementType<T> = {
  readonly id: number
  readonly name: string
  /** Bytes of a value. */
  readonly sizeOf: (value: T) => number
  readonly set: (memory: GrowingMemory, at: number, value: T) => void
}

export const elementTypes = {
  bool: {
    id: 16,
    name: 'bool',
    sizeOf: () => 1,
    set: ({ view }, at, value) => view.setUint8(at, value ? 1 : 0),
  } satisfies ElementType<boolean>,
  smallint: {
    id: 21,
    name: 'smallint',
    sizeOf: () => 2,
    set: ({ view }, at, value) => view.setInt16(at, value),
  } satisfies ElementType<number>,
  int: {
    id: 23,
    name: 'int',
    sizeOf: () => 4,
    set: ({ view }, at, value) => view.setInt32(at, value),
  } satisfies ElementType<number>,
  /** Whole numbers that are safe in a double. */
  bigint: {
    id: 20,
    name: 'bigint',
    sizeOf: () => 8,
    set: ({ view }, at, value) => setInt64(view, at, value),
  } satisfies ElementType<number>,
  real: {
    id: 700,
    name: 'real',
    sizeOf: () => 4,
    set: ({ view }, at, value) => view.setFloat32(at, value),
  } satisfies ElementType<number>,
  double: {
    id: 701,
    name: 'float8',
    sizeOf: () => 8,
    set: ({ view }, at, value) => view.setFloat64(at, value),
  } satisfies ElementType<number>,
  /** Of milliseconds since 1970. */
  time: {
    id: 1_184,
    name: 'timestamptz',
    sizeOf: () => 8,
    set: ({ view }, at, value) => setInt64(view, at, microseconds(value)),
  } satisfies ElementType<number>,
  text: {
    id: 25,
    name: 'text',
    sizeOf: (value) => Buffer.byteLength(value),
    set: ({ bytes }, at, value) => void bytes.write(value, at),
  } satisfies ElementType<string>,
}

/**
 * A one-dimensional array in PostgreSQL's binary format, to be sent as a parameter: node-postgres
 * sends a buffer as it is. As text, numbers and times cost both sides more than all else that is done
 * with them.
 */
export class BinaryArray<T> {
  readonly #type: ElementType<T>
  #memory: GrowingMemory
  #end = headSize
  #length = 0

  /** @param length of the array, about; it grows when there are more */
  constructor(type: ElementType<T>, length: number) {
    this.#type = type
    this.#memory = memoryOf(headSize + length * fixedRoom)
  }

  add(value: T | null): void {
    const size = value === null ? 0 : this.#type.sizeOf(value)
    this.#reserve(4 + size)
    this.#memory.view.setInt32(this.#end, value === null ? -1 : size)
    if (value !== null) this.#type.set(this.#memory, this.#end + 4, value)
    this.#end += 4 + size
    this.#length += 1
  }

  /** Ends the array. @returns it, as it is sent */
  end(): Buffer {
    const { bytes, view } = this.#memory
    // Dimensions, whether any value is null (which the server finds out itself), type, length, bound.
    for (const [n, word] of [1, 0, this.#type.id, this.#length, 1].entries()) {
      view.setInt32(n * 4, word)
    }
    return bytes.subarray(0, this.#end)
  }

  #reserve(length: number): void {
    this.#memory = roomFor(this.#memory, { used: this.#end, length })
  }
}

const arrayOf =
  <T>(type: ElementType<T>) =>
  (values: readonly (T | null)[]): Buffer => {
    const array = new BinaryArray(type, values.length)
    for (const value of values) array.add(value)
    return array.end()
  }

/** Arrays of values that are at hand. */
export const binaryArray = {
  bool: arrayOf(elementTypes.bool),
  smallint: arrayOf(elementTypes.smallint),
  int: arrayOf(elementTypes.int),
  bigint: arrayOf(elementTypes.bigint),
  double: arrayOf(elementTypes.double),
  time: arrayOf(elementTypes.time),
  text: arrayOf<string>(elementTypes.text),
}
