/** Platform versions for which clients send different documents. */
export const versions = ["0.25.0", "0.28.0", "0.29.2", "0.30.0", "0.32.0", "0.37.0", "1.0.1", "2.0.0", "2.1.0"];
