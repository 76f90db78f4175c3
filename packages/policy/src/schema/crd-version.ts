/** The label of a CRD with the version of its schema, as in Cilium and Tetragon. */
export const versionLabel = 'io.cilium.k8s.crd.schema.version'

/**
 * Version of the schema of our CRDs. The operator replaces CRDs with an older one, so it is raised
 * with every change of the schema. The number is above that of the Tetragon release whose policies
 * are accepted (1.8.11): ours replaces its CRDs, and a later release of Tetragon replaces ours.
 */
export const schemaVersion = '1.8.100'

/** SHA-256 of the CRDs with this version, without the version itself. */
export const schemaDigest = 'bf31de14c03a13d0c04e375b34989e526c5b07b99ee6c938f30ac7d251d4e206'
