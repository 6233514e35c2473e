/** The part of schema.graphql that the bench asks for, for the comparison servers that take GraphQL in SDL. */
export const typeDefs = /* GraphQL */ `
  scalar Uuid
  scalar DateTime
  scalar JSON
  enum Role {
    SYSTEM_ADMIN
    SYSTEM_EDITOR
    SYSTEM_VIEWER
    WORKSPACE_ADMIN
    WORKSPACE_EDITOR
    WORKSPACE_VIEWER
    DEPLOYMENT_ADMIN
    DEPLOYMENT_EDITOR
    DEPLOYMENT_VIEWER
    USER
  }
  type Email {
    address: String
  }
  type User {
    id: String!
    username: String
    status: String
    createdAt: DateTime!
    emails: [Email]
    roleBindings: [RoleBinding!]!
  }
  type RoleBinding {
    role: Role
    user: User
  }
  type Workspace {
    id: String!
    label: String
    users: [User]
  }
  type Deployment {
    id: String!
    label: String
    releaseName: String
    status: String
    config: JSON
    createdAt: DateTime!
    updatedAt: DateTime!
    workspace: Workspace
    roleBindings: [RoleBinding!]!
  }
  type ServiceAccount {
    id: String!
    label: String
    category: String
    entityType: String
    workspaceUuid: Uuid
    active: Boolean
    apiKey: String
    createdAt: DateTime!
    roleBindings: [RoleBinding!]!
  }
  input UserSearch {
    email: String
  }
  type Query {
    workspaceDeployments(workspaceUuid: Uuid!): [Deployment]
    users(user: UserSearch): [User]
    workspaceDeployment(workspaceUuid: Uuid!, releaseName: String!): Deployment
    paginatedDeployments(take: Int, cursor: Uuid): [Deployment]
  }
  type Mutation {
    createWorkspaceServiceAccount(label: String!, category: String, workspaceUuid: Uuid!, role: Role!): ServiceAccount
    deleteWorkspaceServiceAccount(serviceAccountUuid: Uuid!, workspaceUuid: Uuid!): ServiceAccount
  }
`;
