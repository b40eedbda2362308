import { Type } from 'typebox'

const Metres = (description: string, given: { default: number; minimum?: number }) =>
  Type.Number({ minimum: 0, maximum: 100, ...given, description: `${description}, metres` })
const Share = (description: string) =>
  Type.Number({ default: 0.1, minimum: 0, maximum: 1, description })

/** The settings by which a port says how much room a ship must have. */
export const marginSettings = {
  BERTH_GAP_METRES: Metres('Least gap between ships at a quay, and to its ends and blocks', {
    default: 15,
  }),
  BERTH_GAP_SHARE: Share(
    'Gap between ships as a share of the length of the longer one; the larger of both gaps counts',
  ),
  UNDER_KEEL_CLEARANCE_METRES: Metres('Least water under the keel at a berth', { default: 0 }),
  UNDER_KEEL_CLEARANCE_SHARE: Share(
    'Water under the keel at a berth as a share of the draft; the larger of both counts',
  ),
  AIR_DRAFT_MARGIN_METRES: Metres('Room between a ship and what is overhead at a berth', {
    default: 1,
  }),
  TIDE_ALLOWANCE_METRES: Metres(
    'Water that can be relied on above the charted depth of a berth, unless a request says what tide is predicted; negative where it falls below',
    { default: 0, minimum: -20 },
  ),
}

type Settings = { readonly [Name in keyof typeof marginSettings]: number }

/** How much room a ship must have; metres, and shares of a length or draft. */
export type Margins = {
  gap: number
  gapShare: number
  underKeel: number
  underKeelShare: number
  overhead: number
  tide: number
}

export const marginsOf = (settings: Settings): Margins => ({
  gap: settings.BERTH_GAP_METRES,
  gapShare: settings.BERTH_GAP_SHARE,
  underKeel: settings.UNDER_KEEL_CLEARANCE_METRES,
  underKeelShare: settings.UNDER_KEEL_CLEARANCE_SHARE,
  overhead: settings.AIR_DRAFT_MARGIN_METRES,
  tide: settings.TIDE_ALLOWANCE_METRES,
})

/** The gap that must be free between ships of these lengths, or beside a single one; metres. */
export const gapBeside = ({ gap, gapShare }: Margins, ...lengths: number[]): number =>
  Math.max(gap, gapShare * Math.max(...lengths))
