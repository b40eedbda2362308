import type { Text } from '@porttrack/shared/http/language'

/** What must have come until when for a port call (DCSA's codes of cut-off times). */
export const cutOffs = {
  FCO: { en: 'full container delivery', es: 'entrega de contenedores llenos' },
  VCO: { en: 'verified gross mass', es: 'masa bruta verificada' },
  DGC: { en: 'dangerous goods declaration', es: 'declaración de mercancías peligrosas' },
} as const satisfies Record<string, Text>
export type CutOffCode = keyof typeof cutOffs
export const cutOffCodes = Object.keys(cutOffs) as CutOffCode[]
