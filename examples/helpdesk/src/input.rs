//! Bounds for what people type.

use crate::error::AppError;

/// One line of text, without blanks around it.
pub(crate) fn line(field: &str, text: &str, max_chars: usize) -> Result<String, AppError> {
    let text = bounded(field, text, max_chars)?;
    if text.chars().any(char::is_control) {
        return Err(AppError::Invalid(format!("{field} must be one line of plain text")));
    }
    Ok(text)
}

/// Text of several lines, without blanks around it.
pub(crate) fn text(field: &str, text: &str, max_chars: usize) -> Result<String, AppError> {
    let text = bounded(field, text, max_chars)?;
    // PostgreSQL cannot store it, so it would come back as an error of ours.
    if text.contains('\0') {
        return Err(AppError::Invalid(format!("{field} contains a NUL character")));
    }
    Ok(text)
}

fn bounded(field: &str, text: &str, max_chars: usize) -> Result<String, AppError> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(AppError::Invalid(format!("{field} is missing"))),
        n if n > max_chars => Err(AppError::Invalid(format!(
            "{field} has {n} characters; at most {max_chars} are taken"
        ))),
        _ => Ok(text.to_owned()),
    }
}
