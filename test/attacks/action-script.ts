import { shellQuote } from '@tetragon-ts/api'
import type { Job, Language } from './action.ts'
import { throwAwayRoot } from './throw-away-root.ts'

/** Exit codes of the script that do not come from the action. */
export const exitCodes = { programMissing: 91, kernelMissing: 92, notPrepared: 93 } as const

const suffixes: Record<Language, string> = { c: '.c', perl: '.pl', python: '.py' }
const interpreters: Record<Language, string> = { c: 'gcc', perl: 'perl', python: 'python3' }
const shells = { sh: '/bin/sh', bash: '/bin/bash', busybox: '/home/ann/busybox sh' } as const

/** Where the script of an action is: the root of its process tree has this as only argument. */
export function jobPath(action: Job): string {
  return `/home/ann/job-${action.id}`
}

/** Files that an action needs in /run/action, by name. */
export function actionFiles(action: Job): Map<string, string> {
  const { run, before = '', effect, cleanup = '', program, requires = '' } = action
  const files = new Map([
    ['job', run],
    ['before', `set -e\n${before}`],
    ['effect', effect ?? '[ "$CODE" = 0 ]'],
    ['cleanup', cleanup],
    ['requires', requires],
    ['main', mainScript(action)],
  ])
  if (program !== undefined) files.set(`program${suffixes[program.language]}`, program.text)
  return files
}

/** Programs that the machine must have for an action. */
export function neededPrograms({ needs = [], program, shell }: Job): string[] {
  const others = [
    ...(program === undefined ? [] : [interpreters[program.language]]),
    ...(shell === undefined ? [] : [shell]),
  ]
  return [...needs, ...others]
}

/**
 * Prepares the root, runs the action, then tests its effect. The last line of the output is `code
 * effect`; the exit code is one of {@link exitCodes}, or 0.
 */
function mainScript(action: Job): string {
  const { program, shell = 'sh', as } = action
  const user = as === undefined ? '' : 'setpriv --reuid=4242 --regid=4242 --clear-groups '
  return `${throwAwayRoot}
set +e
cd /home/ann
export HOME=${as === undefined ? '/root' : '/home/ann'} OUT=/run/out
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
unset MAIL OLDPWD
for each in ${neededPrograms(action).map(shellQuote).join(' ')}; do
  command -v "$each" >/dev/null || { echo "$each"; exit ${exitCodes.programMissing}; }
done
sh /run/action/requires >/run/log 2>&1 || { tail -n 1 /run/log; exit ${exitCodes.kernelMissing}; }
${program === undefined ? '' : placeProgram(program.language)}
${shell === 'busybox' ? 'cp "$(command -v busybox)" /home/ann/busybox' : ''}
sh /run/action/before >/run/log 2>&1 </dev/null || { tail -n 1 /run/log; exit ${exitCodes.notPrepared}; }
cp /run/action/job ${jobPath(action)}
${user}${shells[shell]} ${jobPath(action)} >$OUT 2>&1 </dev/null
CODE=$?
export CODE
sh /run/action/effect >/run/log 2>&1 </dev/null
EFFECT=$?
sh /run/action/cleanup
tail -n 3 $OUT
echo
echo "$CODE $EFFECT"
`
}

function placeProgram(language: Language): string {
  const source = `/home/ann/tool${suffixes[language]}`
  const place = `cp /run/action/program${suffixes[language]} ${source}; chmod 755 ${source}`
  if (language !== 'c') return `${place}\nexport PROGRAM=${source}`
  const failed = `{ tail -n 1 /run/log; exit ${exitCodes.notPrepared}; }`
  const compiler = `gcc -w -O1 -o /home/ann/tool ${source} -lpthread >/run/log 2>&1 || ${failed}`
  return `${place}\n${compiler}\nexport PROGRAM=/home/ann/tool`
}
