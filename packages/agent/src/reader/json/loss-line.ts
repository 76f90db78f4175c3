/**
 * The line of an export in place of lost events: an event `rate_limit_info`, as in the original.
 * @param nodeField `"node_name":"…"` in latin1
 * @returns in latin1
 */
export function lossLine(lost: number, nodeField: string): string {
  return (
    `{"rate_limit_info":{"number_of_dropped_process_events":"${lost}"},` +
    `${nodeField},"time":"${new Date().toISOString()}"}\n`
  )
}
