// `node check.mjs FILE…`: prints what is wrong with packed packages, one line for each finding.

import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

/** Packages are ES modules, for Node.js and bundlers that read `exports`. */
const meant = ['NoResolution node10', 'CJSResolvesToESM node16-cjs']
/** The agent begins with a script of the shell, which sets the environment of Node.js. */
const startsWithShell = /^pkg\.bin\.tetragon is bin\/tetragon\.js but the file is not executable/

for (const file of process.argv.slice(2)) {
  const bytes = readFileSync(file)
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
  const { messages, pkg } = await publint({ pack: { tarball } })
  const texts = messages.map((message) =>
    stripVTControlCharacters(formatMessage(message, pkg) ?? ''),
  )
  const types = await checkPackage(createPackageFromTarballData(new Uint8Array(bytes)))
  if (types.types === false) texts.push('no types')
  const problems = (types.problems ?? []).map((each) => `${each.kind} ${each.resolutionKind ?? ''}`)
  const found = [...texts, ...problems].filter((text) => {
    return !meant.includes(text) && !startsWithShell.test(text)
  })
  for (const text of found) console.log(`${basename(file)}: ${text}`)
}
