// Writes docs/reference/helm-values.md, and the schema and files/without-effect.json of the chart.

import { writeFileSync } from 'node:fs'
import { generatedFiles } from './generated-files.ts'

for (const { file, text } of generatedFiles()) writeFileSync(file, text)
