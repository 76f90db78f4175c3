import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

const script = new URL('../../../scripts/comment-width.mjs', import.meta.url).href
const { longComments } = (await import(script)) as { longComments(text: string): number[] }
const words = 'word '.repeat(20)

describe('comments wider than 100 columns', () => {
  it('are found in every form', () => {
    const lines = [
      `// ${words}`,
      `const x = 1 // ${words}`,
      `  /** ${words} */`,
      '/*',
      ` * ${words}`,
      words,
      ' */',
      `# ${words}`,
    ]
    const wide = lines.map((line) => line.replace('word word', 'word, word'))
    assert.deepEqual(longComments(wide.map((line) => line.trimEnd()).join('\n')), [1, 2, 3, 5, 8])
  })

  it('are counted in characters, up to and including the hundredth', () => {
    assert.deepEqual(longComments(`// é ${'x'.repeat(95)}`), [])
    assert.deepEqual(longComments(`// é ${'x'.repeat(96)}`), [1])
  })

  it('may be a single word that cannot be broken', () => {
    assert.deepEqual(longComments(`// https://example.org/${'x'.repeat(100)}`), [])
  })

  it('do not include long code and text', () => {
    const code = [`const x = '${words} // ${words}'`, `#field = call(${words})`, words]
    assert.deepEqual(longComments(code.join('\n')), [])
  })
})
