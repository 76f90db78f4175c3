import { reportText } from '../report/report-text.ts'
import {
  collectReport,
  type ReportOrder,
  type ReportProgress,
  type ReportSources,
} from './collect-report.ts'

/**
 * Makes a report as Markdown.
 * @param send gets the progress, and the complete text
 * @param isWanted asked now and then: another report ends this one
 */
export async function makeReport(
  order: ReportOrder,
  sources: ReportSources,
  send: (progress: ReportProgress & { readonly text?: string }) => void,
  isWanted: () => boolean,
): Promise<void> {
  const facts = await collectReport(order, sources, send, isWanted)
  if (facts === undefined) return
  send({ events: facts.events, of: facts.events, text: reportText(facts) })
}
