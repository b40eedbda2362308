interface RejectionKind {
  /** True when the line is simply not for this decoder: to be counted, not reported. */
  readonly ignored: boolean
  /** In English and in Spanish. */
  readonly text: { readonly en: string; readonly es: string }
}

const kinds = {
  empty: { ignored: true, text: { en: 'the line is blank', es: 'la línea está en blanco' } },
  'not-ais': {
    ignored: true,
    text: {
      en: 'a sentence of another kind than VDM and VDO, or a comment',
      es: 'una sentencia que no es VDM ni VDO, o un comentario',
    },
  },
  'line-too-long': {
    ignored: false,
    text: { en: 'the line is longer than the limit', es: 'la línea es más larga que el límite' },
  },
  malformed: {
    ignored: false,
    text: {
      en: 'not laid out as an NMEA 0183 sentence',
      es: 'no tiene la forma de una sentencia NMEA 0183',
    },
  },
  'bad-tag-block': {
    ignored: false,
    text: {
      en: 'the TAG block is not closed, fails its checksum or has an impossible time',
      es: 'el bloque TAG no está cerrado, no cumple su suma de verificación o tiene una hora imposible',
    },
  },
  'missing-checksum': {
    ignored: false,
    text: {
      en: 'no * and checksum after the last field',
      es: 'faltan * y la suma de verificación después del último campo',
    },
  },
  'bad-checksum': {
    ignored: false,
    text: {
      en: 'the checksum does not match the sentence',
      es: 'la suma de verificación no corresponde a la sentencia',
    },
  },
  'bad-fragment-count': {
    ignored: false,
    text: {
      en: 'the fragment is not number 1 to 9 of a total of 1 to 9',
      es: 'el fragmento no es el número 1 a 9 de un total de 1 a 9',
    },
  },
  'empty-payload': {
    ignored: false,
    text: { en: 'the payload field is empty', es: 'el campo de la carga útil está vacío' },
  },
  'bad-fill-bits': {
    ignored: false,
    text: {
      en: 'fill bits are not 0 to 5, or are on a fragment that is not the last',
      es: 'los bits de relleno no son de 0 a 5, o están en un fragmento que no es el último',
    },
  },
  'bad-armour': {
    ignored: false,
    text: {
      en: 'the payload has a character outside six-bit armour',
      es: 'la carga útil tiene un carácter ajeno al código de seis bits',
    },
  },
  'incomplete-message': {
    ignored: false,
    text: {
      en: 'the other fragments of the message did not come',
      es: 'los demás fragmentos del mensaje no llegaron',
    },
  },
  'too-many-pending': {
    ignored: false,
    text: {
      en: 'dropped to make room: too many incomplete messages at once',
      es: 'descartado para dejar sitio: demasiados mensajes incompletos a la vez',
    },
  },
  'oversized-message': {
    ignored: false,
    text: {
      en: 'the fragments together are longer than any AIS message',
      es: 'los fragmentos juntos son más largos que cualquier mensaje AIS',
    },
  },
  'unsupported-type': {
    ignored: false,
    text: {
      en: 'a message type that is not decoded',
      es: 'un tipo de mensaje que no se decodifica',
    },
  },
  'unsupported-part': {
    ignored: false,
    text: {
      en: 'a type 24 message that is neither part A nor B',
      es: 'un mensaje de tipo 24 que no es ni la parte A ni la B',
    },
  },
  'bad-length': {
    ignored: false,
    text: {
      en: 'a number of bits that the message type cannot have',
      es: 'un número de bits que ese tipo de mensaje no puede tener',
    },
  },
  'bad-mmsi': {
    ignored: false,
    text: { en: 'the MMSI has more than nine digits', es: 'el MMSI tiene más de nueve cifras' },
  },
} as const satisfies Record<string, RejectionKind>

/** Stable codes: they are printed, counted and used as metric labels. */
export type RejectionReason = keyof typeof kinds

/** Every reason, with its wording and whether it is merely ignored. */
export const rejectionKinds: Readonly<Record<RejectionReason, RejectionKind>> = kinds

/** A line, or a message gathered from several, that yields nothing. */
export interface Rejection {
  readonly ok: false
  readonly reason: RejectionReason
  /** 1-based; of the first fragment received when the message has several. 0 when unknown. */
  readonly lineNumber: number
}

export function reject(reason: RejectionReason, lineNumber: number): Rejection {
  return { ok: false, reason, lineNumber }
}
