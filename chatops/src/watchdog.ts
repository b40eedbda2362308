import type { Text } from '@porttrack/shared/http/language'
import { texts } from './texts.ts'

/** Says so when alerting has not shown for a while that it works, and when it does again. */
export const watchAlerting = ({
  patienceSeconds,
  announce,
  onAge,
}: {
  patienceSeconds: number
  announce: (text: Text) => Promise<void>
  onAge: (seconds: number) => void
}) => {
  // Since the start, so that what is silent from the beginning is noticed too.
  let heard = performance.now()
  let silent = false
  const look = (): void => {
    const age = (performance.now() - heard) / 1_000
    onAge(age)
    if (silent === age > patienceSeconds) return
    silent = !silent
    void announce(silent ? texts.silent : texts.heardAgain).catch(() => undefined)
  }
  const timer = setInterval(look, Math.min(5_000, patienceSeconds * 200))
  return {
    heard: (): void => {
      heard = performance.now()
      look()
    },
    close: (): void => clearInterval(timer),
  }
}
