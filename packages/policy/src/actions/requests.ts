import type { Section } from '../arguments/section.ts'
import { string } from '../fields/schema.ts'
import {
  type ActionContext,
  type ActionDocumentWith,
  type ActionFacts,
  type ActionFamily,
  missing,
} from './action.ts'

const urlFields = { argUrl: string('GetUrl: URL to request; the response is ignored.') }
const nameFields = { argFqdn: string('DnsLookup: name to look up.') }

/** The request of GetUrl. */
export interface UrlValues {
  readonly url: string
}
/** The name that DnsLookup resolves. */
export interface NameValues {
  readonly fqdn: string
}

const sections: readonly Section[] = ['kprobes', 'fentries', 'tracepoints']

const facts = { effect: 'observe', sections, withEvent: true } satisfies Partial<ActionFacts>

export const requestActions = {
  GetUrl: {
    ...facts,
    crdPosition: 4,
    fields: urlFields,
    doc: 'Requests a URL.',
    /** The agent only supports HTTP and HTTPS. */
    check(document: ActionDocumentWith<typeof urlFields>, context: ActionContext): UrlValues {
      const { at, argUrl: url = '' } = document
      const protocol = URL.canParse(url) ? new URL(url).protocol : ''
      if (url === '') missing(document, 'argUrl', context)
      else if (!/^https?:$/.test(protocol)) {
        const message = `${JSON.stringify(url)} is not an address of http or https`
        context.check.findings.error(`${at}.argUrl`, 'POLICY_VALUE', message)
      }
      return { url }
    },
  },
  DnsLookup: {
    ...facts,
    crdPosition: 5,
    fields: nameFields,
    doc: 'Looks up a name.',
    check(document: ActionDocumentWith<typeof nameFields>, context: ActionContext): NameValues {
      const { argFqdn: fqdn = '' } = document
      if (fqdn === '') missing(document, 'argFqdn', context)
      return { fqdn }
    },
  },
} satisfies ActionFamily
