/** The value of `Content-Disposition` of an answer that is to be kept as a file (RFC 6266). */
export const attachment = (file: string): string => `attachment; filename="${file}"`
