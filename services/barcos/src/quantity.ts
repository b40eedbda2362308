import type { Text } from '@porttrack/shared/http/language'

const figures = {
  en: new Intl.NumberFormat('en', { maximumFractionDigits: 2 }),
  es: new Intl.NumberFormat('es', { maximumFractionDigits: 2 }),
}

/** A figure as a person reads it: `381.5 m`, `381,5 m`. At most two decimals. */
export const quantity = (value: number, unit: string): Text => ({
  en: `${figures.en.format(value)} ${unit}`,
  es: `${figures.es.format(value)} ${unit}`,
})

/** Metres as a person reads them. */
export const inMetres = (value: number): Text => quantity(value, 'm')
