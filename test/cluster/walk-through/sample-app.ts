import { addresses } from './site-addresses.ts'

const names = { empire: 'deathstar', tie: 'tiefighter', alliance: 'xwing' } as const

/** The objects of the sample app: a service with two pods, and a client of each side. */
export function sampleApp(image: string): object[] {
  const labels = { org: 'empire', class: 'deathstar' }
  const named = { ...labels, 'app.kubernetes.io/name': names.empire }
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: names.empire },
      spec: { type: 'ClusterIP', ports: [{ port: 80 }], selector: labels },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: names.empire },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels: named }, spec: pod(image, 'deathstar') },
      },
    },
    client(names.tie, 'empire', 'tiefighter', image),
    client(names.alliance, 'alliance', 'xwing', image),
  ]
}

function client(name: string, org: string, kind: string, image: string): object {
  const labels = { org, class: kind, 'app.kubernetes.io/name': name }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels },
    spec: pod(image, 'spaceship'),
  }
}

function pod(image: string, container: string): object {
  return {
    containers: [{ name: container, image }],
    // The cluster has no DNS server.
    dnsPolicy: 'None',
    dnsConfig: { nameservers: ['127.0.0.1'] },
    hostAliases: addresses.map((ip) => ({ ip, hostnames: ['google.com'] })),
    terminationGracePeriodSeconds: 0,
  }
}
