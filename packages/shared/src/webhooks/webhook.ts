import { isIP } from 'node:net'
import { defineErrors } from '../http/errors.ts'
import type { Text } from '../http/language.ts'

export const webhookErrors = defineErrors({
  WEBHOOK_INVALID: {
    status: 422,
    title: { en: 'The webhook breaks a rule', es: 'El webhook incumple una regla' },
  },
  WEBHOOKS_FULL: {
    status: 409,
    title: {
      en: 'There are as many webhooks as may be',
      es: 'Ya hay tantos webhooks como puede haber',
    },
  },
})

/**
 * `PAUSED` by who manages it, `DISABLED` by the service itself. In both states nothing is sent and
 * nothing is lost: it goes on in the feed where it stopped.
 */
export const webhookStates = ['ENABLED', 'PAUSED', 'DISABLED'] as const
export type WebhookState = (typeof webhookStates)[number]

/** Why a webhook was disabled: its receiver answered 410, or has failed for too long. */
export const disabledReasons = ['GONE', 'FAILING'] as const

export const deliveryStatuses = ['PENDING', 'DELIVERED', 'FAILED'] as const

/** How an attempt ended, and what that means. */
export const attemptOutcomes = {
  DELIVERED: 'The receiver answered 2xx',
  GONE: 'The receiver answered 410 and is not called again',
  REDIRECTED: 'The receiver answered 3xx, which is not followed',
  REFUSED: 'The receiver answered with another status',
  TIMED_OUT: 'There was no answer in time',
  NAME_NOT_RESOLVED: 'The name of the host could not be resolved',
  ADDRESS_NOT_ALLOWED: 'The host is at an address that may not be called',
  TLS_FAILED: 'The receiver’s certificate or its TLS is not accepted',
  CONNECTION_FAILED: 'The connection could not be made or broke',
} as const

export type AttemptOutcome = keyof typeof attemptOutcomes

/** What an answer's status says of an attempt. */
export const outcomeOf = (status: number): AttemptOutcome => {
  if (status >= 200 && status < 300) return 'DELIVERED'
  if (status === 410) return 'GONE'
  return status >= 300 && status < 400 ? 'REDIRECTED' : 'REFUSED'
}

/** A receiver may ask for a longer pause than ours, up to this many seconds. */
const longestRetryAfter = 86_400

/**
 * Seconds until the next attempt, or null when there is none: the schedule's pause, up to a fifth
 * more or less so that receivers are not called in step, and at least what the receiver asked for,
 * up to a day.
 *
 * @param failures attempts that have failed, at least 1
 * @param schedule pauses after each failure, in seconds
 * @param random 0 to 1
 */
export const nextPause = (
  failures: number,
  schedule: readonly number[],
  { retryAfter, random }: { retryAfter: number | null; random: number },
): number | null => {
  const pause = schedule[failures - 1]
  if (pause === undefined) return null
  return Math.max(pause * (0.8 + 0.4 * random), Math.min(retryAfter ?? 0, longestRetryAfter))
}

/** Seconds that `Retry-After` names (RFC 9110 §10.2.3), as a number or a date; null when neither. */
export const retryAfterSeconds = (header: string | undefined, now: number): number | null => {
  if (header === undefined) return null
  if (/^\d{1,9}$/.test(header.trim())) return Number(header)
  const time = header.endsWith('GMT') ? Date.parse(header) : Number.NaN
  return Number.isNaN(time) ? null : Math.max(0, (time - now) / 1_000)
}

/** What can be wrong with the address of a webhook. */
export const addressFaults = {
  noUrl: { en: 'is not an absolute URL', es: 'no es una URL absoluta' },
  noTls: { en: 'must begin with https://', es: 'debe empezar por https://' },
  credentials: { en: 'must not hold credentials', es: 'no debe contener credenciales' },
  fragment: { en: 'must not have a fragment', es: 'no debe tener fragmento' },
  port: {
    en: 'must name port 443, 80 or one from 1024',
    es: 'debe indicar el puerto 443, el 80 o uno a partir del 1024',
  },
  unresolved: {
    en: 'names a host that cannot be resolved',
    es: 'indica un servidor cuyo nombre no se resuelve',
  },
  notAllowed: {
    en: 'names a host at an address that may not be called',
    es: 'indica un servidor en una dirección a la que no se puede llamar',
  },
} as const satisfies Record<string, Text>

/** What is wrong with the address of a webhook, apart from where its host is. */
export const urlFaults = (text: string): Text[] => {
  if (!URL.canParse(text)) return [addressFaults.noUrl]
  const url = new URL(text)
  return [
    ...(['https:', 'http:'].includes(url.protocol) ? [] : [addressFaults.noTls]),
    ...(url.username === '' && url.password === '' ? [] : [addressFaults.credentials]),
    ...(text.includes('#') ? [addressFaults.fragment] : []),
    ...(isPortAllowed(url.port) ? [] : [addressFaults.port]),
  ]
}

/** Below 1024 other services listen that a request could be made to reach. */
const isPortAllowed = (port: string): boolean =>
  port === '' || port === '80' || port === '443' || Number(port) >= 1_024

/** The host of a URL as the network knows it: an IPv6 address without its brackets. */
export const hostOf = ({ hostname }: URL): string =>
  hostname.startsWith('[') ? hostname.slice(1, -1) : hostname

/** Whether a host is an address already and needs no resolving. */
export const isAddress = (host: string): boolean => isIP(host) !== 0
