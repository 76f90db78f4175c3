import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { filterFactors, filterShift, isWatched, variableFilter } from './watched-variables.ts'

/** As the kernel side computes it. */
function passes(variable: string): boolean {
  const start = BigInt(Buffer.from(variable).readUInt32LE())
  return filterFactors.every((factor) => {
    const bit = ((start * BigInt(factor)) >> BigInt(filterShift)) & 511n
    return ((variableFilter[Number(bit >> 6n)] >> (bit & 63n)) & 1n) === 1n
  })
}

describe('the filter of watched variables', () => {
  it('has all watched ones', () => {
    const names = ['LD_PRELOAD', 'LD_AUDIT', 'ENV', 'PS4', 'IFS', 'HISTFILE', 'BASH_FUNC_x%%']
    for (const name of [...names, 'GLIBC_TUNABLES', '_JAVA_OPTIONS', 'https_proxy']) {
      assert.ok(isWatched(name), name)
      assert.ok(passes(`${name}=`), name)
    }
  })

  it('drops usual others', () => {
    const usual = ['PATH', 'HOME', 'USER', 'SHELL', 'LANG', 'LC_ALL', 'TERM', 'PWD', 'OLDPWD']
    const more = ['LOGNAME', 'MAIL', 'SHLVL', 'DISPLAY', 'EDITOR', 'LS_COLORS', 'XDG_SESSION_ID']
    const kubernetes = ['KUBERNETES_SERVICE_HOST', 'KUBERNETES_PORT', 'TZ', '_']
    for (const name of [...usual, ...more, ...kubernetes]) {
      assert.ok(!isWatched(name), name)
      assert.ok(!passes(`${name}=/bin`), name)
    }
  })
})
