/**
 * A class or division of dangerous goods (IMDG Code, chapter 2.0), one of explosives with its
 * compatibility group or without: `1.4S`.
 */
export const dangerousGoodsClassPattern =
  '^(?:1\\.[1-6][A-LNS]?|2\\.[1-3]|3|4\\.[1-3]|5\\.[12]|6\\.[12]|7|8|9)$'

/**
 * Whether goods of `declared` may come where `accepted` may: a class takes its divisions, a division
 * its compatibility groups.
 */
export const isWithinClass = (declared: string, accepted: string): boolean =>
  declared === accepted ||
  (declared.startsWith(accepted) && /^(?:\.|[A-Z]$)/.test(declared.slice(accepted.length)))
