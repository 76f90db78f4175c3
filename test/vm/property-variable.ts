/** Maximum number of values of each property; 0: as many as the test specifies. */
export const propertyVariable = 'PROPERTY_RUNS'
