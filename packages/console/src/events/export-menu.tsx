import { Menu } from '../page/menu.tsx'
import { type ExportFormatName, exportFormats } from '../worker/export-formats.ts'
import type { ExportModel } from './export-model.ts'

const names = Object.keys(exportFormats) as readonly ExportFormatName[]

/** Saves the events of the list. */
export function ExportMenu({
  model,
  shown,
}: {
  readonly model: ExportModel
  readonly shown: number
}) {
  return (
    <Menu name="Save" title={`Save the ${shown} events of the list`}>
      {names.map((format) => (
        <button
          key={format}
          type="button"
          disabled={shown === 0}
          onClick={() => model.save(format)}
        >
          {exportFormats[format].title}
        </button>
      ))}
      <output>{model.note.value}</output>
    </Menu>
  )
}
