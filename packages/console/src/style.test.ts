import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

const folder = new URL('../src/', import.meta.url)
const colorsName = 'page/colors.css'
const sheets = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.css'))
  .map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }))
const colors = sheets.find(({ name }) => name === colorsName)!.text

/** Hexadecimal colours of a role, in light and in dark. */
function role(name: string): readonly [light: string, dark: string] {
  const [, value = ''] = new RegExp(`--${name}: ([^;]+);`).exec(colors) ?? []
  const [, other] = /^var\(--([\w-]+)\)$/.exec(value) ?? []
  if (other !== undefined) return role(other)
  const [, light, dark] = /^light-dark\((#\w{6}), (#\w{6})\)$/.exec(value) ?? []
  assert.ok(light !== undefined && dark !== undefined, `no colour ${name}`)
  return [light, dark]
}

/** Relative luminance, as in WCAG 2. */
function luminance(color: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** The least contrast of two roles, in light and in dark. */
function contrast(a: string, b: string): number {
  const [ofA, ofB] = [role(a), role(b)]
  return Math.min(
    ...ofA.map((color, scheme) => {
      const [dark, light] = [color, ofB[scheme]].map(luminance).sort((x, y) => x - y)
      return (light + 0.05) / (dark + 0.05)
    }),
  )
}

const texts = ['text', 'faint', 'alarm', 'warning', 'accent']
const kinds = [...colors.matchAll(/--(kind-\w+):/g)].map(([, name]) => name)

/** Roles of text or marks with what they are on, and their least contrast. */
const least = [
  ...texts.flatMap((text) => ['ground', 'raised', 'chosen'].map((on) => [text, on, 4.5] as const)),
  ...['code-name', 'code-text'].flatMap((text) =>
    ['ground', 'raised', 'chosen'].map((on) => [text, on, 4.5] as const),
  ),
  ...['added', 'removed'].map((on) => ['text', on, 4.5] as const),
  ...kinds.map((kind) => [kind, 'ground', 3] as const),
  ...['edge', 'accent', 'alarm'].flatMap((mark) =>
    ['ground', 'raised'].map((on) => [mark, on, 3] as const),
  ),
  ['accent', 'chosen', 3] as const,
]

test('text and marks have enough contrast, in light and in dark', () => {
  assert.ok(kinds.length >= 9)
  for (const [mark, on, wanted] of least) {
    const measured = contrast(mark, on)
    assert.ok(measured >= wanted, `${mark} on ${on}: ${measured.toFixed(2)}`)
  }
})

test('colours are roles, which are defined once', () => {
  for (const { name, text } of sheets) {
    const isRoles = name === colorsName
    if (!isRoles) assert.doesNotMatch(text, /:[^;{}]*#[\da-f]{3,8}\b[^;{}]*[;}]|light-dark/i, name)
    for (const [, used] of text.matchAll(/var\(--([\w-]+)\)/g)) {
      if (used !== 'kind') role(used)
    }
  }
  const names = [...colors.matchAll(/^ +--([\w-]+):/gm)].map(([, each]) => each)
  const values = names.map((each) => role(each).join())
  const aliases = [...colors.matchAll(/: var\(/g)].length
  assert.equal(new Set(values).size, names.length - aliases)
})

/** In pixels. */
const sizes = ['12', '13', '14', '16']
const spaces = ['0', '2', '4', '8', '12', '16', '20']
const radii = ['4', '8']

test('sizes and distances are those of the scale', () => {
  const rules = [
    ['font-size', sizes],
    ['(?:padding|margin)[a-z-]*|gap', spaces],
    ['border-radius', radii],
  ] as const
  for (const { name, text } of sheets) {
    for (const [property, scale] of rules) {
      for (const [whole, value] of text.matchAll(
        new RegExp(`[ {](?:${property}): ([^;]+);`, 'g'),
      )) {
        for (const [, pixels] of value.matchAll(/(\d+)px/g)) {
          assert.ok(scale.includes(pixels), `${name}: ${whole}`)
        }
      }
    }
    for (const [whole, pixels] of text.matchAll(/\bfont:\s+(\d+)px/g)) {
      assert.ok(sizes.includes(pixels), `${name}: ${whole}`)
    }
  }
})
