/** The label of a CRD with the version of its schema, as in Cilium and Tetragon. */
export const versionLabel = 'io.cilium.k8s.crd.schema.version'

/**
 * Version of the schema of our CRDs. The operator replaces CRDs with an older one, so it is raised
 * with every change of the schema. The number is above that of the Tetragon release whose policies
 * are accepted (1.8.11): ours replaces its CRDs, and a later release of Tetragon replaces ours.
 */
export const schemaVersion = '1.8.107'

/** SHA-256 of the CRDs with this version, without their descriptions: texts need no new version. */
export const schemaDigest = '4212e7eb888efdbe927d2cdc706f3b00b75b7032fc0b677c413d363df8d19fad'
