/** The label of a CRD with the version of its schema, as in Cilium and Tetragon. */
export const versionLabel = 'io.cilium.k8s.crd.schema.version'

/**
 * Version of the schema of our CRDs. The operator replaces CRDs with an older one, so it is raised
 * with every change of the schema. The number is above that of the Tetragon release whose policies
 * are accepted (1.8.11): ours replaces its CRDs, and a later release of Tetragon replaces ours.
 */
export const schemaVersion = '1.8.108'

/** SHA-256 of the CRDs with this version, without their descriptions: texts need no new version. */
export const schemaDigest = 'c020dff3cb7d2d17bac8dc3e829c761e3298a8b3b38662452b20ee358090e9d9'
