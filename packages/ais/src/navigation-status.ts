/** Wording of the navigational status 0 to 15 by its number (ITU-R M.1371-5, table 45). */
export const navigationStatuses = [
  'under way using engine',
  'at anchor',
  'not under command',
  'restricted manoeuvrability',
  'constrained by her draught',
  'moored',
  'aground',
  'engaged in fishing',
  'under way sailing',
  'reserved for high-speed craft',
  'reserved for wing in ground',
  'power-driven vessel towing astern',
  'power-driven vessel pushing ahead or towing alongside',
  'reserved',
  'AIS-SART, MOB or EPIRB active',
  'not defined',
] as const
