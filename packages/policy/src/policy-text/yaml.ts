/**
 * What changes of texts use of `yaml`, to be imported when they are made. A bundle in several files
 * does not give the names of a CommonJS package to `import('yaml')` itself.
 */
export { isMap, isSeq, parseDocument, YAMLMap } from 'yaml'
