/** Maximum number of values of each property; 0: the number that the test specifies. */
export const propertyVariable = 'PROPERTY_RUNS'
