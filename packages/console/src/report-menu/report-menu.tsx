import { CopyButton } from '../page/copy-button.tsx'
import { Menu } from '../page/menu.tsx'
import type { ReportSubject } from '../report/report-facts.ts'
import type { ReportModel } from './report-model.ts'

interface Properties {
  readonly model: ReportModel
  /** Such as `the events of the list`. */
  readonly about: string
  readonly subject: () => ReportSubject
}

/** A report as Markdown, of what is shown when the menu is opened. */
export function ReportMenu({ model, about, subject }: Properties) {
  const text = model.text.value
  return (
    <Menu
      name="Report"
      title={`Markdown report of ${about}`}
      onToggle={(isOpen) => isOpen && model.make(subject())}
    >
      <button type="button" disabled={text === undefined} onClick={() => model.save()}>
        Save report
      </button>
      {text !== undefined && <CopyButton label="Copy report" text={() => text} />}
      <output>{model.note.value}</output>
    </Menu>
  )
}
