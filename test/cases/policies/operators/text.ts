import assert from 'node:assert/strict'
import type { PolicyCase } from '../policy-case.ts'

/** A case on the path that sys_openat is given; `{folder}` is where the process is. */
function pathCase(
  operator: string,
  name: string,
  values: readonly string[],
  hit: string,
  miss: string,
): PolicyCase {
  return {
    name,
    covers: { kind: 'operator', name: operator },
    policy: `
kprobes:
- call: sys_openat
  syscall: true
  args:
  - index: 1
    type: string
  selectors:
  - matchArgs:
    - index: 1
      operator: ${operator}
      values: [${values.map((value) => JSON.stringify(value)).join(', ')}]`,
    hit: ['try', 'open', hit, '0'],
    miss: ['try', 'open', miss, '0'],
    expect({ args }, _, { folder }) {
      assert.equal(args[0].string_arg, hit.replace('{folder}', folder))
    },
  }
}

/** What the dynamic linker opens before anything else, if the workload were linked so. */
const others = ['/etc/ld.so.cache', '/lib/x86_64-linux-gnu/libc.so.6']

const many = Array.from({ length: 500 }, (_, i) => `/name-${i}${'-more'.repeat(i % 40)}`)
const long = Array.from({ length: 12 }, (_, i) => `/${'l'.repeat(300 * (i + 1))}`)

export const textCases: readonly PolicyCase[] = [
  pathCase('Equal', 'a text of few', ['/a', '{folder}/wanted'], '{folder}/wanted', '{folder}/want'),
  pathCase('Equal', 'a text of 500', many, many[431], `${many[431]}-`),
  pathCase('Equal', 'thousands of bytes', long, long[11], long[11].slice(1)),
  pathCase('NotEqual', 'no text of few', ['{folder}/a', ...others], '{folder}/b', '{folder}/a'),
  pathCase('NotEqual', 'no text of 500', [...many, ...others], '/name', many[77]),
  pathCase('Prefix', 'of a few', ['/no', '{folder}/a'], '{folder}/abc', '{folder}/bca'),
  pathCase('Prefix', 'of 500', many, `${many[499]}/more`, '/nam'),
  pathCase('Prefix', 'beyond 256 bytes', long, `${long[3].slice(0, -1)}l/`, `/${'l'.repeat(200)}`),
  pathCase('NotPrefix', 'of a few', ['/lib', '/etc', '{folder}/a'], '{folder}/ba', '{folder}/ab'),
  pathCase('Postfix', 'of a few', ['.wanted', '.too'], '{folder}/x.wanted', '{folder}/wanted.x'),
  pathCase(
    'Postfix',
    'of 500',
    many.map((name) => name.slice(1)),
    `{folder}${many[212]}`,
    '/name',
  ),
  pathCase(
    'Postfix',
    'beyond 127 bytes',
    [`${'p'.repeat(200)}z`],
    `/q${'p'.repeat(200)}z`,
    `/${'p'.repeat(199)}z`,
  ),
  pathCase('NotPostfix', 'of a few', ['.x', '.cache', '.6'], '{folder}/a.y', '{folder}/a.x'),
  pathCase('SubString', 'of a few', ['ecre', 'passw'], '/the-secret/file', '/the-secert/file'),
  pathCase('SubString', 'of 100', many.slice(0, 100), `/in${many[66]}/name`, '/in/name'),
  pathCase('SubStringIgnCase', 'of a few', ['SeCrEt'], '/the-sEcReT/file', '/the-secert/file'),
]
