/** How many values each property tries at most; 0 has all tried that a test asks for. */
export const propertyVariable = 'PROPERTY_RUNS'
