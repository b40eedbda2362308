/** Set in the value of a character that is not part of the armour. */
export const NOT_ARMOUR = 0x80

const values = new Uint8Array(128).fill(NOT_ARMOUR)
for (let code = 48; code <= 87; code++) values[code] = code - 48
for (let code = 96; code <= 119; code++) values[code] = code - 56

/**
 * Value 0 to 63 of an armoured character, `NOT_ARMOUR` for any other.
 * The armour is `0` to `W` and `` ` `` to `w` (ITU-R M.1371-5, IEC 61162-1).
 */
export function armourValue(code: number): number {
  return code < 128 ? values[code]! : NOT_ARMOUR
}

/** Armoured character of a value 0 to 63. */
export function armourCharacter(value: number): string {
  return String.fromCharCode(value < 40 ? value + 48 : value + 56)
}

/** The six-bit character set of ITU-R M.1371-5, table 47, in order of value. `@` ends a text. */
export const SIXBIT_TEXT = '@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_ !"#$%&\'()*+,-./0123456789:;<=>?'
