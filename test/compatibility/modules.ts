// Modules that packages do not offer to others, found beside their entry points: what is compared
// is what runs.

type Families = typeof import('../../packages/agent/src/config/families/index.ts')
type LeftOut = typeof import('../../packages/agent/src/config/left-out.ts')
type Metrics = typeof import('../../packages/agent/src/endpoints/metrics/registry.ts')
type ProtoFiles = typeof import('../../packages/api/src/proto/files.ts')
type GoogleFiles = typeof import('../../packages/api/src/proto/google-files.ts')
type ProtoText = typeof import('../../packages/api/src/proto/proto-text.ts')

type TetraRegistry = typeof import('../../packages/tetra/src/registry.ts')
type TetraConnection = typeof import('../../packages/tetra/src/connection/connection-options.ts')

function load<Module>(entry: string, path: string): Promise<Module> {
  return import(new URL(path, import.meta.resolve(entry)).href) as Promise<Module>
}

const families = await load<Families>('@tetragon-ts/agent', './config/families/index.js')
const reasons = await load<LeftOut>('@tetragon-ts/agent', './config/left-out.js')
const metrics = await load<Metrics>('@tetragon-ts/agent', './endpoints/metrics/registry.js')
const files = await load<ProtoFiles>('@tetragon-ts/api', './proto/files.js')
const google = await load<GoogleFiles>('@tetragon-ts/api', './proto/google-files.js')
const text = await load<ProtoText>('@tetragon-ts/api', './proto/proto-text.js')

export const options: Families['options'] = families.options
export const leftOut: LeftOut['leftOut'] = reasons.leftOut
export const collectors: Metrics['collectors'] = metrics.collectors
export const agentFiles: ProtoFiles['agentFiles'] = files.agentFiles
export const googleFiles: GoogleFiles['googleFiles'] = google.googleFiles
export const protoText: ProtoText['protoText'] = text.protoText

/** tetra is a program and has no entry point for others. */
const tetra = new URL('../../../packages/tetra/dist/', import.meta.url)
const registry = (await import(new URL('registry.js', tetra).href)) as TetraRegistry
const connection = (await import(
  new URL('connection/connection-options.js', tetra).href
)) as TetraConnection

export const tetraCommands: TetraRegistry['commands'] = registry.commands
export const connectionOptions: TetraConnection['connectionOptions'] = connection.connectionOptions
