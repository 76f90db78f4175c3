import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../bin/tetra.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'tetra-completion-'))
after(() => rmSync(folder, { recursive: true }))
writeFileSync(join(folder, 'policy.yaml'), '')

const shells = {
  bash: {
    setUp: '',
    // bash splits words at =.
    ask: (words: readonly string[]) => {
      const parts = words.flatMap((word) => word.split(/(=)/).filter(Boolean))
      if (words.at(-1) === '') parts.push('')
      return (
        `COMP_WORDS=(${parts.map((word) => `'${word}'`).join(' ')})\n` +
        `COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 )); _tetra; echo "\${COMPREPLY[*]}"`
      )
    },
  },
  zsh: {
    // Functions of the shell that the script calls.
    setUp: `autoload -Uz compinit && compinit -D
compadd() { shift; answer=($@) }
_files() { answer=(*) }
compset() { prefix=\${words[CURRENT]#*=} }`,
    ask: (words: readonly string[]) =>
      `words=(${words.map((word) => `'${word}'`).join(' ')}); CURRENT=\${#words}; answer=()
prefix=\${words[CURRENT]}; _tetra; echo \${(M)answer:#\${prefix}*}`,
  },
  fish: {
    setUp: '',
    ask: (words: readonly string[]) =>
      `echo (complete -C '${words.join(' ')}' | string replace -r '\\t.*' '' | ` +
      `string replace -r '^.*=' '' | string join ' ')`,
  },
}

const cases: [words: string[], expected: string][] = [
  [['tetra', 'tra'], 'tracingpolicy'],
  [['tetra', 'tp', 'se'], 'set-mode'],
  [['tetra', 'tracingpolicy', 'add', '-m', ''], 'enforce monitor'],
  [['tetra', 'tp', 'add', 'pol'], 'policy.yaml'],
  [['tetra', 'getevents', '--output', 'j'], 'json'],
  [['tetra', 'getevents', '--color=al'], 'always'],
  [['tetra', 'getevents', '-e', 'PROCESS_L'], 'PROCESS_LOADER PROCESS_LSM'],
  [['tetra', 'getevents', '-o', 'json', '--reconnect-'], '--reconnect-wait'],
  [['tetra', '-d', 'loglevel', 'set', 'w'], 'warning'],
  [['tetra', 'completion', ''], 'bash fish zsh'],
  [['tetra', 'status', '--timeo'], '--timeout'],
  [['tetra', 'getevents', '--containers'], ''],
  [['tetra', 'explain', 'tracingpoliciesn'], 'tracingpoliciesnamespaced'],
  [['tetra', 'explain', 'tracingpolicies.sp'], 'tracingpolicies.spec'],
  [['tetra', 'explain', 'tgtp.spec.k'], 'tgtp.spec.kprobes'],
  [
    ['tetra', 'explain', '-R', 'tgtp.spec.kprobes.selectors.matchB'],
    'tgtp.spec.kprobes.selectors.matchBinaries',
  ],
  [
    ['tetra', 'explain', 'tgtp.spec.kprobes[0].ignore.'],
    'tgtp.spec.kprobes[0].ignore.callNotFound',
  ],
  [['tetra', 'explain', 'podinfo.status.podIPs.'], 'podinfo.status.podIPs.IP'],
  [['tetra', 'explain', 'tgtp.spec.kprobes.call.x'], ''],
  [['tetra', 'explain', 'tgtp.none.'], ''],
  [['tetra', 'version', 'tgtp.spec.'], ''],
]

describe('completion', () => {
  for (const [shell, { setUp, ask }] of Object.entries(shells)) {
    const isMissing = spawnSync(shell, ['--version']).error !== undefined
    it(`works in ${shell}`, { skip: isMissing ? `${shell} is not installed` : false }, () => {
      const script = spawnSync(process.execPath, [program, 'completion', shell]).stdout
      const file = join(folder, `script.${shell}`)
      writeFileSync(file, script)
      const questions = cases.map(([words]) => ask(words)).join('\n')
      const input = `${setUp}\nsource '${file}'\n${questions}\n`
      const options = {
        cwd: folder,
        input,
        encoding: 'utf8',
        env: { ...process.env, HOME: folder },
      }
      const { stdout, stderr } = spawnSync(shell, shell === 'zsh' ? ['-f'] : [], {
        ...options,
        encoding: 'utf8',
      })
      assert.equal(stderr, '')
      const answers = stdout.trimEnd().split('\n')
      const sorted = cases.map((_, i) => (answers[i] ?? '').split(' ').sort().join(' '))
      assert.deepEqual(
        sorted,
        cases.map(([, expected]) => expected),
      )
    })
  }
})
