"""运行: health, readiness, figures and the doctor: is every part doing its work?"""
