/**
 * Datagrams that the kernel dropped at a port for want of room, out of the text of `/proc/net/udp` or
 * `/proc/net/udp6` (Linux, proc(5)): the last column, over all sockets of the port.
 */
export const dropsOf = (table: string, port: number): number => {
  const ending = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  let drops = 0
  for (const line of table.split('\n').slice(1)) {
    const columns = line.trim().split(/\s+/)
    if (columns[1]?.endsWith(ending)) drops += Number(columns.at(-1)) || 0
  }
  return drops
}
