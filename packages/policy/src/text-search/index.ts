export { lowerCase, type SearchState, searchStates, symbolColumns } from './search-states.ts'
