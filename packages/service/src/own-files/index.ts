export { executableScheme, isInExecutable, nameInExecutable, readOwnText } from './own-file.ts'
