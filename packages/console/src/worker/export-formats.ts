interface ExportFormat {
  /** Its name on the page. */
  readonly title: string
  /** The end of the file's name. */
  readonly suffix: string
  readonly mediaType: string
}

/** Files of events. Their lines are apart, since the page does not need what decodes events. */
export const exportFormats = {
  json: { title: 'JSON lines', suffix: 'jsonl', mediaType: 'application/jsonl' },
  csv: { title: 'CSV', suffix: 'csv', mediaType: 'text/csv;charset=utf-8' },
} as const satisfies Readonly<Record<string, ExportFormat>>

export type ExportFormatName = keyof typeof exportFormats
