import { markdownTable } from '../markdown-table.ts'
import type { Section } from './sections.ts'

/** The page docs/reference/error-codes.md. */
export function errorCodesPage(sections: readonly Section[]): string {
  return `# Error codes

Every error has a stable \`code\`, which programs can rely on; messages may change between releases.
Generated from the table of each package by \`node test/dist/error-codes-page/write-page.js\`.

${sections.map(sectionText).join('\n')}`
}

function sectionText({ title, intro, codes }: Section): string {
  const rows = Object.entries(codes).flatMap(([name, ofClass]) =>
    Object.entries(ofClass).map(([code, meaning]) => [`\`${code}\``, `\`${name}\``, meaning]),
  )
  return `## ${title}\n\n${intro}\n\n${markdownTable(['code', 'class', 'meaning'], rows)}`
}
