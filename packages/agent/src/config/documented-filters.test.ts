import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { Redaction } from '../reader/export/redaction.ts'
import { RedactionRule } from '../reader/export/redaction-rule.ts'
import { EventBuffer } from '../reader/json/event-lines.ts'
import { imageText } from '../reader/json/image-text.ts'
import { imageJson, wholeText } from '../reader/json/process-json.ts'
import { helpText } from './help.ts'
import { readMessages } from './json-messages.ts'

/** The arguments of a program as events show them. */
function shown(redaction: Redaction, args: readonly string[]): string {
  const bytes = Buffer.from(['argv0', ...args].map((text) => `${text}\0`).join(''))
  const context = { out: new EventBuffer(), redaction }
  const [cwd, path] = ['/', '/bin/x'].map((text) => wholeText(Buffer.from(text)))
  return imageText(imageJson(context, cwd, path, wholeText(bytes), false), 'arguments')
}

describe('documented filters', () => {
  const page = new URL('../../../../docs/configuration.md', import.meta.url)
  const [, written] = /--redaction-filters '([^']*)'/.exec(readFileSync(page, 'utf8')) ?? []
  const help = helpText().replace(/\s+/g, '')
  const inHelp = [...help.matchAll(/\{"redact.*?\]\}/g)].map(([json]) => json)

  it('hide whole values', () => {
    assert.equal(inHelp.length, 2)
    for (const rules of [written, inHelp.join('\n').replace(',"binary_regex":["/mysql$"]', '')]) {
      const redaction = new Redaction(readMessages(RedactionRule, rules))
      for (const secret of ['two words secret', 'one', 'a "b" c', '', 'x\ny z']) {
        for (const args of [
          [`--password=${secret}`, 'rest'],
          ['--password', secret, 'rest'],
        ]) {
          const text = shown(redaction, args)
          assert.match(text, /^ ?"?--password[= ]\*{5}"? rest$/, JSON.stringify(args))
        }
        const variable = redaction.redact(`TOKEN=${secret}`, () => '/bin/x')
        assert.equal(variable, 'TOKEN=*****')
      }
    }
  })
})
