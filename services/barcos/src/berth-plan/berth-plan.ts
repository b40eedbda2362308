/** The longest plan in one answer; days. */
export const longestPlan = 14
