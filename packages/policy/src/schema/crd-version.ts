/** The label of a CRD with the version of its schema, as in Cilium and Tetragon. */
export const versionLabel = 'io.cilium.k8s.crd.schema.version'

/**
 * Version of the schema of our CRDs. The operator replaces CRDs with an older one, so it is raised
 * with every change of the schema. The number is above that of the Tetragon release whose policies
 * are accepted (1.8.11): ours replaces its CRDs, and a later release of Tetragon replaces ours.
 */
export const schemaVersion = '1.8.105'

/** SHA-256 of the CRDs with this version, without their descriptions: texts need no new version. */
export const schemaDigest = '1301ad580825480e52664f7ad605832aa862bac77a019e1f077125268421d1c9'
