import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { endLimits } from '@tetragon-ts/agent'
import { options } from '@tetragon-ts/agent/config'
import { admissionHandlers, declarations } from '@tetragon-ts/operator'
import { podInfoCrd, policyCrds } from '@tetragon-ts/policy/crds'
import { commands } from '@tetragon-ts/tetra/commands'
import { consolePath } from '@tetragon-ts/tetra/console-rights'
import { publicUrlForm } from '@tetragon-ts/tetra/public-url'
import { repositoryRoot } from '../vm/repository.ts'

const chart = join(repositoryRoot, 'deploy/helm/tetragon')
const read = (name: string) => readFileSync(join(chart, name), 'utf8')

describe('the Helm chart', () => {
  it('has the version of the agent', () => {
    const { version } = JSON.parse(
      readFileSync(join(repositoryRoot, 'packages/agent/package.json'), 'utf8'),
    ) as { version: string }
    assert.match(read('Chart.yaml'), new RegExp(`^appVersion: ${version}$`, 'm'))
    assert.match(read('values.yaml'), new RegExp(`^    tag: v${version}$`, 'm'))
  })

  it('sets only options that the programs have', () => {
    const set = (file: string): string[] => {
      const data = read(`templates/${file}`).split('\ndata:\n')[1]!
      return [...data.matchAll(/^ {2}([a-z][a-z0-9-]+):/gm)].map(([, name]) => name!)
    }
    const agent = set('configmap.yaml')
    const operator = set('operator-configmap.yaml')
    assert.ok(agent.length > 20 && operator.length > 8)
    assert.deepEqual(
      agent.filter((name) => !options.has(name)),
      [],
    )
    assert.deepEqual(
      operator.filter((name) => !Object.hasOwn(declarations, name)),
      [],
    )
  })

  it('gives the agent more time to end than the agent takes', () => {
    const grace =
      /GracePeriodSeconds: \{\{ \.Values\.tetragon\.pprof\.enabled \| ternary (\d+) (\d+) \}\}/
    const [, withProfiles, without] = grace.exec(read('templates/daemonset.yaml')) ?? []
    assert.ok(Number(without) > endLimits.others)
    assert.ok(Number(withProfiles) > endLimits.profiles + endLimits.others)
  })

  it('asks the webhook at the paths that it has', () => {
    const paths = read('templates/webhook.yaml').matchAll(/^ +path: (\S+)$/gm)
    assert.deepEqual(
      [...paths].map(([, path]) => path),
      Object.keys(admissionHandlers({ namespace: 'kube-system', name: 'tetragon' })),
    )
  })

  it('gives the operator only the rights on CRDs that it installs', () => {
    const installed = [...policyCrds(), podInfoCrd()].map(({ metadata }) => metadata.name)
    const named = read('templates/operator-rbac.yaml').matchAll(/^ +- (\S+\.cilium\.io)$/gm)
    assert.deepEqual(
      [...named].map(([, name]) => name),
      installed,
    )
  })

  it('starts the console with options that tetra has', () => {
    const { options = {} } = commands.find(({ name }) => name === 'console') ?? {}
    const used = [...read('templates/console-deployment.yaml').matchAll(/^ +- --([a-z-]+)/gm)]
    const names = used.map(([, name]) => name!)
    assert.ok(names.includes('token-review'), 'each request is checked')
    assert.deepEqual(
      names.filter((name) => !Object.hasOwn(options, name)),
      [],
    )
  })

  it('gives users rights on the path that the console asks about', () => {
    const paths = read('templates/console-rbac.yaml').matchAll(/nonResourceURLs: \[(.*)\]/g)
    assert.deepEqual(
      [...paths].map(([, path]) => path),
      [consolePath, consolePath],
    )
  })

  it('allows the console the command that it runs in pods, and no other', () => {
    assert.match(
      read('templates/console-policy.yaml'),
      /expression: object\.command == \["tetra", "relay"\]$/m,
    )
  })

  it('takes the same public addresses of the console as tetra', () => {
    const [, form] = /regexMatch `(.*)` \$url/.exec(read('templates/_console.tpl')) ?? []
    assert.equal(form, publicUrlForm)
  })
})
