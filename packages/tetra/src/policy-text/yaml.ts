/**
 * What commands use of `yaml`, to be imported when they run. A bundle in several files does not
 * give the names of a CommonJS package to `import('yaml')` itself.
 */
export {
  Document,
  isMap,
  isScalar,
  isSeq,
  parseAllDocuments,
  parseDocument,
  stringify,
  visit,
  YAMLMap,
} from 'yaml'
