//! One statement for several questions, with a way back to one statement for each.

use sea_orm::DbErr;

use crate::store::connect::is_refusal;

/// The answers to all that one statement does. `None`: PostgreSQL refused the statement and took it back
/// whole. One row must not keep the others from being sent, so each is to be done alone.
pub(super) async fn as_one<A>(
    count: usize,
    together: impl Future<Output = Result<Vec<A>, DbErr>>,
) -> Option<Vec<Result<A, DbErr>>> {
    match together.await {
        Ok(answers) => Some(answers.into_iter().map(Ok).collect()),
        Err(error) if is_refusal(&error) => None,
        Err(error) => Some((0..count).map(|_| Err(error.clone())).collect()),
    }
}
