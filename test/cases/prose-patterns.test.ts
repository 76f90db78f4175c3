import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

interface Hit {
  readonly line: number
  readonly name: string
}

const script = new URL('../../../scripts/prose-patterns.mjs', import.meta.url).href
const { commentsOf, patterns, proseHits, withoutCode } = (await import(script)) as {
  commentsOf(text: string): string
  withoutCode(text: string): string
  proseHits(text: string): readonly Hit[]
  readonly patterns: readonly Hit[]
}

/** For each pattern, sentences that are hits, and similar ones that are not. */
const examples: Readonly<Record<string, readonly [hits: string[], others: string[]]>> = {
  tell: [
    ['The log tells the reason.', 'Events are told of it.', 'Untold fields.'],
    ['You can tell them apart, says the intellect.', 'The teller'],
  ],
  'is no': [
    ['This is no option.', 'Such lines are\nno functions.'],
    ['There is no option.', 'It is no longer used.', 'They are no larger.', 'Its basis: no file.'],
  ],
  'What … is': [
    [
      'It ends. What is new waits.',
      'Who waits gets it.',
      '- Who calls gets it.',
      'Where it fails the open is refused.',
    ],
    [
      'It reports what is new.',
      'What is new?',
      '| What it does | Who |',
      'Where results decide, they are in lists.',
      '# What is new',
      'Whatever happens, it ends.',
    ],
  ],
  nobody: [['A slot that nobody reads.', 'Whoever opened it.'], ['A slot without readers.']],
  'goes on': [
    ['The process goes on.', 'It stands\nin a map.', 'The flag goes with it.'],
    ['It goes one way.', 'The stand is in it.'],
  ],
  'so many': [['So many entries.', 'There are as many as CPUs.'], ['As many entries as CPUs.']],
  filler: [
    ['It may end meanwhile.', 'The call returns at once.', 'For the sake of speed.'],
    ['Several return at once.', 'A maximum of events at once.', '33 at once.', 'It ran at onces.'],
  ],
  'the begin': [['Since the begin of it.'], ['They begin.', 'At the beginning.']],
  'taken in': [
    ['A container that is taken in.', 'Its heir.'],
    ['It takes inodes.', 'Their file.'],
  ],
}

const names = (hits: readonly Hit[]): string[] => hits.map(({ name }) => name)

describe('patterns of prose', () => {
  it('all have examples', () => {
    assert.deepEqual(names(patterns), Object.keys(examples))
  })

  for (const [name, [hits, others]] of Object.entries(examples)) {
    it(`"${name}" is found, also across lines`, () => {
      for (const text of hits) assert.deepEqual(names(proseHits(text)), [name], text)
    })

    it(`"${name}" is not found in similar sentences`, () => {
      for (const text of others) assert.deepEqual(proseHits(text), [], text)
    })
  }

  it('are found in comments only, with their lines', () => {
    const lines = [
      "const text = 'nobody' // read by nobody",
      '/**',
      ' * Of somebody.',
      ' */',
      'nobody(`',
      '  nobody`)',
      '// It is',
      '// no option: `nobody`.',
      'f(is)',
      '  // no option',
      '  /* somebody */',
    ]
    const hits = proseHits(commentsOf(lines.join('\n')))
    assert.deepEqual(
      hits.map(({ line, name }) => [line, name]),
      [
        [1, 'nobody'],
        [3, 'nobody'],
        [7, 'is no'],
        [11, 'nobody'],
      ],
    )
  })

  it('at the start of a comment are found in sentences, not in names of declarations', () => {
    const lines = [
      '/** What a map needs. */',
      '/**',
      ' * What a program needs.',
      ' * @returns What it needs',
      ' */',
      '// What is new waits.',
      'code()',
      '/** A map. What is new waits. */',
    ]
    const hits = proseHits(commentsOf(lines.join('\n')))
    assert.deepEqual(
      hits.map(({ line }) => line),
      [6, 8],
    )
  })

  it('are not found in code of documents', () => {
    const lines = ['```sh', 'nobody', '```', 'As `nobody`, [x](nobody.md).', 'Nobody reads it.']
    assert.deepEqual(
      proseHits(withoutCode(lines.join('\n'))).map(({ line }) => line),
      [5],
    )
  })
})
