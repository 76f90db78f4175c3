import { markdownTable } from '../../markdown-table.ts'

/** What an account may do, as `kubectl auth can-i --list` prints it. */
export interface AccountRights {
  readonly name: string
  readonly list: string
}

const head = `# Rights in the cluster

What the accounts of the chart may do: \`kubectl auth can-i --list --namespace kube-system\`, without
what every account may do. The pod information and the election of a leader of the operator are
switched on. The templates \`rbac.yaml\`, \`operator-rbac.yaml\` and \`webhook.yaml\` of the chart have
the reason for each right. A cluster test compares this page with a cluster.

The chart makes no roles and bindings for an account that it does not create (\`serviceAccount.create:
false\`): the creator of the account must give it these rights.

A user needs rights on the objects of policies, or \`pods/exec\` in the namespace of the agent, to
change policies. The ports of the agent and of the operator change nothing.
`

/** Lists of \`kubectl\` have columns that begin at the words of their first line. */
function rowsOf(list: string): string[][] {
  const [first = '', ...lines] = list.trimEnd().split('\n')
  const names = ['Resources', 'Non-Resource URLs', 'Resource Names', 'Verbs']
  const starts = names.map((name) => first.indexOf(name))
  return lines.map((line) =>
    starts.map((start, i) =>
      line
        .slice(start, starts[i + 1])
        .trim()
        .replace(/^\[|\]$/g, ''),
    ),
  )
}

/**
 * The page with the rights of accounts.
 * @param common list of an account without rights of its own
 */
export function rightsPage(accounts: readonly AccountRights[], common: string): string {
  const everybody = new Set(rowsOf(common).map((row) => row.join()))
  const sections = accounts.map(({ name, list }) => {
    const own = rowsOf(list).filter((row) => !everybody.has(row.join()))
    const rows = own.map(([resource, , names, verbs]) => [resource!, names!, verbs!]).sort()
    return `\n## ${name}\n\n${markdownTable(['resource', 'names', 'verbs'], rows)}`
  })
  return head + sections.join('')
}
